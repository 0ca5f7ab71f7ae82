using System.CommandLine;
using System.CommandLine.Help;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea help [COMMAND]</c>: the same as <c>fovea COMMAND --help</c>.</summary>
internal sealed class HelpCommand : FoveaCommand
{
    private readonly Argument<string[]> _command =
        new("COMMAND") { Description = "A command, as it is given: sae train.", Arity = ArgumentArity.ZeroOrMore };

    public HelpCommand(AppEnvironment app) : base(app, "help", "What a command does and takes.")
    {
        Add(_command);
        Examples = ["fovea help", "fovea help run", "fovea help sae train"];
    }

    /// <summary>Prints the help of a command.</summary>
    /// <param name="context">Of the invocation.</param>
    /// <param name="root">The program.</param>
    /// <param name="command">The command.</param>
    /// <returns>The exit code.</returns>
    public static int Show(CommandContext context, Command root, Command command)
    {
        List<string> path = Path(root, command)!;
        if (context.Json)
        {
            JsonOutput.Write(context.Console.Output, new HelpResult(string.Join(' ', ["fovea", .. path]), command.Description,
                [.. command.Subcommands.Select(inner => new DescribedWord(inner.Name, inner.Description))],
                [.. command.Options.Where(option => option is not (HelpOption or VersionOption))
                    .Select(option => new DescribedWord(option.Name, option.Description))]));
            return ExitCode.Done;
        }
        return root.Parse([.. path, "--help"])
            .Invoke(new InvocationConfiguration
            {
                Output = context.Console.Output,
                Error = context.Console.Error,
                EnableDefaultExceptionHandler = false
            });
    }

    protected override int Execute(CommandContext context)
    {
        Command root = context.Root, command = root;
        foreach (string word in context.Get(_command))
        {
            command = command.Subcommands.FirstOrDefault(inner => inner.Name == word)
                ?? throw new UsageException(
                    $"There is no command '{word}'.{Suggestions.Sentence(word, [.. command.Subcommands.Select(inner => inner.Name)])}");
        }
        return Show(context, root, command);
    }

    /// <summary>The words that lead from a command to one in it; null where they do not.</summary>
    private static List<string>? Path(Command from, Command to)
    {
        if (from == to) return [];
        foreach (Command inner in from.Subcommands)
        {
            if (Path(inner, to) is { } rest) return [inner.Name, .. rest];
        }
        return null;
    }
}
