from dbl.commands import main

main()
