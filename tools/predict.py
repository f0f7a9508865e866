"""Score pictures with a trained model."""

from dbl.commands.predict import main

if __name__ == '__main__':
    main()
