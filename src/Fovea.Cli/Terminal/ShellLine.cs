namespace Fovea.Cli.Terminal;

/// <summary>A command line as one would type it.</summary>
internal static class ShellLine
{
    /// <summary>The arguments, quoted where a shell needs it.</summary>
    public static string Of(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    private static string Quote(string argument) =>
        argument.Length > 0
            && argument.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,@%+".Contains(letter, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
