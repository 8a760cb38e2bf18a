"""What people type or paste as plain text or HTML, and what is kept of it. Knows no pages and no database."""
