"""The pages: scripts that Streamlit executes."""
