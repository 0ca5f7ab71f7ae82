using Fovea.Runs;

namespace Fovea.Cli.Results;

/// <summary>A picture that was made.</summary>
internal sealed record MadePictureSummary(
    int Index, int Replica, string Name, string? Objective, string Image, double Activation, double Peak)
{
    /// <summary>Which part of <see cref="Image"/> it is, where that holds several.</summary>
    public StoredPicture? Part { get; init; }
}

/// <summary>Pictures by optimisation.</summary>
internal sealed record VisualizeResult(
    string Run, string Layer, string Source, string Colours, IReadOnlyList<MadePictureSummary> Features, string? Engine) : ICommandResult
{
    public static string Command => "`visualize`";
}

/// <summary>The units that one image drives most and least.</summary>
internal sealed record CompareResult(
    string Run, string Image, string? ClassName, string Layer, string Dictionary, IReadOnlyList<RankedUnit> Model,
        IReadOnlyList<RankedUnit> Sae,
    IReadOnlyList<RankedUnit> ModelLeast, IReadOnlyList<RankedUnit> SaeLeast, int ModelActive, int SaeActive, string? Engine) : ICommandResult
{
    public static string Command => "`compare`";
}

/// <summary>An image with its maps as files.</summary>
internal sealed record CamExampleFiles(
    string Image, string? ClassName, string MapClass, string Predicted, string Input, IReadOnlyDictionary<string, string> Overlays,
        IReadOnlyList<string> AllZero);

/// <summary>Class activation maps.</summary>
internal sealed record CamResult(
    string Run, string Document, CamReport Report, IReadOnlyList<CamExampleFiles> Examples, string? Sheet, string? Engine) : ICommandResult
{
    public static string Command => "`cam`";
}

/// <summary>Shortcuts, and what muting them does.</summary>
internal sealed record ShortcutResult(string Run, string Document, string Table, string Images, ShortcutsDocument Report) : ICommandResult
{
    public static string Command => "`shortcut`";
}
