"""Write a trained model to a file for programs without dbl: ONNX, or PyTorch's own."""

from dbl.commands.export import main

if __name__ == '__main__':
    main()
