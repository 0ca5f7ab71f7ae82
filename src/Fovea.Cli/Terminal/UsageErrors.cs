using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fovea.Cli.Terminal;

/// <summary>Errors of the command line itself: exit 1, or 2 where an option's value is the trouble.</summary>
internal static class UsageErrors
{
    public static int Report(ParseResult parse, IReadOnlyList<string> arguments, CommandConsole console)
    {
        Command command = parse.CommandResult.Command;
        bool badValue = parse.Errors.All(
            error => error.SymbolResult is OptionResult or ArgumentResult && error.SymbolResult.Tokens.Count > 0);
        // A mistyped command is reported once, not also as a command that lacks.
        var errors = parse.Errors.Where(error =>
            parse.UnmatchedTokens.Count == 0 || error.SymbolResult is not CommandResult
                || error.Message.Contains('\'', StringComparison.Ordinal));
        string message = string.Join(
            '\n', errors.Select(error => Message(error).TrimEnd('.') + "." + Hint(error, parse, command)).Distinct());
        var failure = new Failure(
            badValue ? Failure.Name(FailureKind.Configuration) : "usage", message, badValue ? ExitCode.Configuration : ExitCode.Usage);
        if (arguments.Contains(SharedOptions.JsonName)) JsonOutput.WriteError(console.Output, failure, console.Error);
        console.Error.WriteLine($"error: {message}");
        console.Error.WriteLine($"See: {Path(parse.CommandResult)} --help");
        return failure.ExitCode;
    }

    /// <summary>Reports that the command line is wrong.</summary>
    /// <param name="command">The command it was for.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="json">Whether a document is wanted.</param>
    /// <param name="console">Where it goes.</param>
    public static int Report(CommandResult command, string message, bool json, CommandConsole console)
    {
        var failure = new Failure("usage", message, ExitCode.Usage);
        if (json) JsonOutput.WriteError(console.Output, failure, console.Error);
        console.Error.WriteLine($"error: {message}");
        console.Error.WriteLine($"See: {Path(command)} --help");
        return failure.ExitCode;
    }

    private static string Message(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Tokens: [var token, ..], Option: var option }) return error.Message;
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        string? expected = type == typeof(int) || type == typeof(ulong) ? "a whole number" : type == typeof(double) ? "a number" : null;
        if (type == typeof(int) && token.Value.Length > 9 && token.Value.All(char.IsAsciiDigit)) expected = "at most 2,147,483,647";
        // The parser's own words name .NET types.
        return expected is not null && error.Message.Contains("System.", StringComparison.Ordinal)
            ? $"{option.Name} is '{token.Value}': it must be {expected}" : error.Message;
    }

    private static string Hint(ParseError error, ParseResult parse, Command command)
    {
        string? token = parse.UnmatchedTokens.FirstOrDefault(
            unmatched => error.Message.Contains($"'{unmatched}'", StringComparison.Ordinal));
        if (token is null) return "";
        IEnumerable<string> known = token.StartsWith('-')
            ? command.Options.Concat(parse.RootCommandResult.Command.Options).Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        return Suggestions.Nearest(token, known.Distinct()) is { } near ? $" Did you mean '{near}'?" : "";
    }

    private static string Path(CommandResult? result)
    {
        var names = new List<string>();
        for (; result is not null; result = result.Parent as CommandResult)
            names.Insert(0, result.Command is RootCommand ? "fovea" : result.Command.Name);
        return string.Join(' ', names);
    }
}
