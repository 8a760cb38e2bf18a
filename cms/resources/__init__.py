"""What helps to win: contract language, laws, agreements, studies, trainings."""
