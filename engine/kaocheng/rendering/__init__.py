"""Assessments for people and programs: values as text, tables, JSON, CSV."""
