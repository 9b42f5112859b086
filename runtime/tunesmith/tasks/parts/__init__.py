"""What several tasks share: texts, labels, numbers, pictures, conversations, losses by token."""
