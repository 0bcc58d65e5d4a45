"""The rows of the truth table, in its order."""
import media_rows
import process_rows
import path_rows
from planting import ROWS

__all__ = ['ROWS', 'media_rows', 'process_rows', 'path_rows']
