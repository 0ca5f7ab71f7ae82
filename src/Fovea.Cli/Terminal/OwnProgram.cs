namespace Fovea.Cli.Terminal;

/// <summary>This program, to be started once more.</summary>
internal static class OwnProgram
{
    /// <summary>Its file and first arguments: the program of its own, or <c>dotnet</c> with the file that it runs.</summary>
    public static IReadOnlyList<string> Start { get; } = Find();

    private static string[] Find()
    {
        if (Environment.ProcessPath is not { } program) return [];
        return Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [program, Environment.GetCommandLineArgs()[0]] : [program];
    }
}
