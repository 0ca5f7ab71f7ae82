using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fovea.Cli.Terminal;

/// <summary>
/// Options whose value was left out. The parser takes whatever follows an option for its value, also the next option: <c>--out --json</c>
/// would write into a folder called <c>--json</c>.
/// </summary>
internal static class OptionValues
{
    /// <summary>A sentence for each option that has another option in the place of its value.</summary>
    /// <param name="parse">A parsed command line.</param>
    /// <param name="arguments">Its words: a value in one word with its option, <c>--sbatch=--exclusive</c>, is meant.</param>
    public static IReadOnlyList<string> Missing(ParseResult parse, IReadOnlyList<string> arguments)
    {
        HashSet<string> names =
            [.. Commands(parse.CommandResult).SelectMany(command => command.Options)
                .SelectMany(option => option.Aliases.Prepend(option.Name))];
        return
        [
            .. from command in Commands(parse.CommandResult)
               from option in command.Options
               let result = parse.GetResult(option)
               where result is { Implicit: false }
               from token in result.Tokens
               where names.Contains(token.Value) || token.Value.StartsWith("--", StringComparison.Ordinal)
               where !option.Aliases.Prepend(option.Name).Any(name => arguments.Contains($"{name}={token.Value}"))
               select $"{option.Name} needs a value, and "
                   + $"'{token.Value}' {(names.Contains(token.Value) ? "is an option" : "looks like an option")}."
                   + (IsPath(option) ? $" A file or a folder of that name is written ./{token.Value}." : ""),
        ];
    }

    private static bool IsPath(Option option) => option.HelpName is "DIR" or "FILE" or "W" or "D" or "TSV";

    private static IEnumerable<Command> Commands(CommandResult? result)
    {
        for (; result is not null; result = result.Parent as CommandResult) yield return result.Command;
    }
}
