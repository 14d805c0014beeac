print("alr-analyze")
