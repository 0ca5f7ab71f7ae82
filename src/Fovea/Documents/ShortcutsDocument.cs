using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Shortcuts of a layer's units and what muting them does: <c>shortcuts.json</c> (docs/reference/metrics.md).</summary>
public sealed record ShortcutsDocument : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "shortcuts.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>What the suspected group is, for people; null where images have no groups.</summary>
    public required string? Group { get; init; }

    /// <summary>What stands for the background: <c>masks</c> of the object, or the <c>frame</c> of the image.</summary>
    public required string Background { get; init; }

    /// <summary>Share of the images' area that is background.</summary>
    public required double BackgroundArea { get; init; }

    /// <summary>Images that units were chosen on.</summary>
    public required int FoldImages { get; init; }

    /// <summary>Images that mutings were judged on, none of which is one of the former; 0 without groups.</summary>
    public required int TestImages { get; init; }

    /// <summary>Whether effects are exact (a pooled linear head follows the layer), or were measured by muting unit after unit.</summary>
    public required bool Exact { get; init; }

    /// <summary>How much more often the network says a class where an image is of the group, the largest first; none without groups.</summary>
    public required IReadOnlyList<ClassShift> Shifts { get; init; }

    /// <summary>The classes that were looked into.</summary>
    public required IReadOnlyList<ClassShortcuts> Classes { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency(
        Classes.SelectMany(one => one.Sources).SelectMany(source => source.Units).SelectMany(unit => unit.Pictures)
            .Select(picture => picture.Picture));
}

/// <summary>A number with its 95 % interval.</summary>
/// <param name="Value">The number.</param>
/// <param name="Lower">The interval's lower end.</param>
/// <param name="Upper">Its upper end.</param>
public sealed record IntervalEstimate(double Value, double Lower, double Upper);

/// <summary>How often a class is said in the group and elsewhere.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Shift">P(the network says it | in the group) − P(… | not), images weighted so that group and class are independent.</param>
public sealed record ClassShift(int Class, string Name, IntervalEstimate Shift);

/// <summary>What was found of one class.</summary>
public sealed record ClassShortcuts
{
    /// <summary>Its number.</summary>
    public required int Class { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The units, source by source (<c>neurons</c> and dictionaries).</summary>
    public required IReadOnlyList<ShortcutSource> Sources { get; init; }

    /// <summary>The network as it is and changed, judged on the test images; none without groups.</summary>
    public required IReadOnlyList<MutingOutcome> Outcomes { get; init; }

    /// <summary>The reference network's, where one was given.</summary>
    public required MutingOutcome? Reference { get; init; }
}

/// <summary>The units of one source that push towards a class for reasons outside the object.</summary>
/// <param name="Name"><c>neurons</c>, or the dictionary's name.</param>
/// <param name="Count">Units of the source.</param>
/// <param name="Muted">Those that were muted, the first of <paramref name="Units"/>; their number was chosen on the fold.</param>
/// <param name="Units">The first units, most first.</param>
public sealed record ShortcutSource(string Name, int Count, int Muted, IReadOnlyList<ShortcutUnit> Units);

/// <summary>One unit.</summary>
public sealed record ShortcutUnit
{
    /// <summary>Channel or latent.</summary>
    public required int Unit { get; init; }

    /// <summary>
    /// How much further it pushes the class's logit, relative to the mean logit, on images of the group than on others of the same class;
    /// without groups: on images that are taken for the class than on others, by what it does in the background alone.
    /// </summary>
    public required IntervalEstimate Effect { get; init; }

    /// <summary>The chance that an image of the group drives it more than another one (AUC), within the class and within the rest; null
    /// without groups.</summary>
    public required IntervalEstimate? Alignment { get; init; }

    /// <summary>Share of its activation, and so of its effect through a pooled head, that lies in the background; null where it is
    /// silent, or where the layer has one position.</summary>
    public required double? Background { get; init; }

    /// <summary>How alike the places are at which it is active on different images, 0 … 1; null where fewer than two drive it, or where the layer has one position.</summary>
    public required double? Consistency { get; init; }

    /// <summary>Share of the fold's images that drive it.</summary>
    public required double Active { get; init; }

    /// <summary>Images on which it pushes most, with its map.</summary>
    public IReadOnlyList<ShortcutPicture> Pictures { get; init; } = [];
}

/// <summary>A unit on an image.</summary>
/// <param name="Image">The image.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="InGroup">Whether it is of the group; null where that is not known.</param>
/// <param name="Effect">What the unit adds to the class's logit.</param>
/// <param name="Picture">The unit's map over the image.</param>
public sealed record ShortcutPicture(string Image, string ClassName, bool? InGroup, double Effect, StoredPicture Picture);

/// <summary>A network on the test images.</summary>
public sealed record MutingOutcome
{
    /// <summary>What was done, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Units, directions or weights that were changed; 0: none.</summary>
    public required int Size { get; init; }

    /// <summary>The units, in the order in which they were chosen; null where it is not of units.</summary>
    public IReadOnlyList<int>? Units { get; init; }

    /// <summary>Top-1 of each group: images of the class and of the rest, in the suspected group and not.</summary>
    public required IReadOnlyList<GroupAccuracy> Groups { get; init; }

    /// <summary>The least of the groups' accuracies.</summary>
    public required IntervalEstimate Worst { get; init; }

    /// <summary>Their mean.</summary>
    public required IntervalEstimate Balanced { get; init; }

    /// <summary>The least accuracy with the change less that without it.</summary>
    public required IntervalEstimate WorstGain { get; init; }

    /// <summary>The same of the mean.</summary>
    public required IntervalEstimate BalancedGain { get; init; }

    /// <summary>
    /// Share won back of what the least accuracy lost against the reference network; null without one, or where nothing was lost.
    /// </summary>
    public required IntervalEstimate? WorstWonBack { get; init; }

    /// <summary>The same of the mean.</summary>
    public required IntervalEstimate? BalancedWonBack { get; init; }
}

/// <summary>A group of test images.</summary>
/// <param name="OfClass">Whether they are of the class, or of the others.</param>
/// <param name="InGroup">Whether they are in the suspected group.</param>
/// <param name="Images">How many.</param>
/// <param name="Accuracy">Top-1, with Wilson's interval.</param>
public sealed record GroupAccuracy(bool OfClass, bool InGroup, int Images, IntervalEstimate Accuracy);
