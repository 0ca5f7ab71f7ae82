using Fovea.Interpretation.Shortcuts;
using Fovea.Models;

namespace Fovea.Interventions.Shortcuts;

/// <summary>How shortcuts are looked for.</summary>
public sealed record ShortcutOptions
{
    /// <summary>The suspected group; null: none is known, and units are judged by where they are active alone.</summary>
    public ImageGroups? Groups { get; init; }

    /// <summary>What is background.</summary>
    public ImageBackground Background { get; init; } = ImageBackground.Frame;

    /// <summary>Classes to look into; none: with groups the class that the group shifts most, without them the one said most often.</summary>
    public IReadOnlyList<int> Classes { get; init; } = [];

    /// <summary>Indices of the source's images; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>A network of the same classes that does not know the shortcut: what was lost is measured against it.</summary>
    public ImageModel? Reference { get; init; }

    /// <summary>Decides which images are for choosing and which for judging, the draws of intervals, and random units.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Images a forward pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Units listed of each source.</summary>
    public int Listed { get; init; } = 20;
}
