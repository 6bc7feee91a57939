"""What is remembered: tables, statements, transactions, encryption, files.

Callers speak in domain values; SQL, hashing and encryption stay inside this package. Nothing here sends.
"""
