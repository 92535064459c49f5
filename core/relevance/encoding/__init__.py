"""What turns texts into bags: a trained network, its torch-free copy, plain word overlap."""
