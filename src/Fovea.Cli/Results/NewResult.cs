namespace Fovea.Cli.Results;

/// <summary>A recipe that was written.</summary>
/// <param name="Recipe">Its file.</param>
/// <param name="Layer">The layer that it studies.</param>
/// <param name="Missing">Keys of <c>[data]</c> that could not be found out and have to be said.</param>
internal sealed record NewResult(string Recipe, string Layer, IReadOnlyList<string> Missing) : ICommandResult
{
    public static string Command => "`new`";
}
