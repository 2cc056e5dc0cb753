"""The past of a CRM: pulled page by page, kept in files, and rebuilt as it was when each lead arrived."""
