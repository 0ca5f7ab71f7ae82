using Fovea.Cli.Commands;
using Fovea.Cli.Terminal;
using Fovea.Datasets;

namespace Fovea.Cli.Results;

/// <summary>An error.</summary>
internal sealed record ErrorResult(Failure Error);

/// <summary>The program's version, and those of what it stands on.</summary>
internal sealed record VersionResult(string Version, IReadOnlyDictionary<string, string> Versions) : ICommandResult
{
    public static string Command => "`version`";
}

/// <summary>A command or an option, and what it does.</summary>
internal sealed record DescribedWord(string Name, string? Description);

/// <summary>What a command takes.</summary>
internal sealed record HelpResult(
    string Command, string? Description, IReadOnlyList<DescribedWord> Commands, IReadOnlyList<DescribedWord> Options) : ICommandResult
{
    static string ICommandResult.Command => "`help`, and `fovea` or a group of commands alone";
}

/// <summary>What this machine has, and what is missing.</summary>
internal sealed record DoctorResult(
    IReadOnlyDictionary<string, string> Versions, string System, string Device, bool Cuda, int Threads, int Cores, long MemoryBytes,
        bool KeepsFreedMemory,
        IReadOnlyList<DoctorCheck> Checks, bool Ok) : ICommandResult
{
    public static string Command => "`doctor`";
}

/// <summary>A link that is not followed.</summary>
internal sealed record BrokenLinkSummary(string Name, string Target, string Why);

/// <summary>Links among images.</summary>
internal sealed record LinkSummary(int Followed, IReadOnlyList<BrokenLinkSummary> Broken);

/// <summary>What images are taken for.</summary>
internal sealed record DataInspectResult(
    string Source, string Kind, string? Layout, string Root, int Images, long Bytes, IReadOnlyList<SplitDescription> Splits,
        IReadOnlyList<ClassDescription> Classes,
    IReadOnlyList<SkippedFiles> Skipped, LinkSummary Links, IReadOnlyList<string> Notes, string? Problem, DataInspection? Inspection)
        : ICommandResult
{
    public static string Command => "`data inspect`";
}
