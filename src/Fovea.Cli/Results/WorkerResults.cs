using Fovea.Runs;

namespace Fovea.Cli.Results;

/// <summary>What one of several workers did.</summary>
internal sealed record WorkResult(
    string Run, string Part, bool Complete, double Seconds, IReadOnlyList<MadeParts> Made, IReadOnlyList<string> Joined, IReadOnlyList<string> Left)
    : ICommandResult
{
    public static string Command => "`run --part`";
}

/// <summary>How far a run is.</summary>
internal sealed record StatusResult(string Run, bool Complete, IReadOnlyList<StageStatus> Stages) : ICommandResult
{
    public static string Command => "`status`";
}

/// <summary>Scripts for a cluster.</summary>
internal sealed record SlurmResult(
    string Run, string Folder, string Submit, IReadOnlyList<SlurmJobResult> Jobs, IReadOnlyList<string> Submitted) : ICommandResult
{
    public static string Command => "`slurm`";
}

/// <summary>One of them.</summary>
internal sealed record SlurmJobResult(string Stage, string Script, int Workers, IReadOnlyList<string> After);
