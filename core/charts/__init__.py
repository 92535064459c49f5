"""Figures from plain data: specs of Plotly and Vega-Lite, light and dark. No Streamlit, no torch, no other room."""
