"""Figures from plain data: Plotly and Altair, light and dark. No Streamlit, no torch, no other room of core."""
