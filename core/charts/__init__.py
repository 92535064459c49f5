"""Figures from plain data as specs of Plotly and Vega-Lite, for light and dark. No Streamlit, no torch, no other room."""
