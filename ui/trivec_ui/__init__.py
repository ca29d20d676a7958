"""The Streamlit front end: a client of the API."""
