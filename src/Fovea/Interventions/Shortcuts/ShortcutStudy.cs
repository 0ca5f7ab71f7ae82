using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Models;
using Fovea.Training;

namespace Fovea.Interventions.Shortcuts;

/// <summary>What a study of shortcuts found.</summary>
/// <param name="Document">All of it but the pictures.</param>
/// <param name="Rows">Every unit of which something can be told, class by class.</param>
/// <param name="Shown">For the first units the images on which they push most, and how much.</param>
/// <param name="Fold">Images that units were chosen on.</param>
/// <param name="Test">Images that mutings were judged on.</param>
public sealed record ShortcutFindings(
    ShortcutsDocument Document, IReadOnlyList<ShortcutRow> Rows, IReadOnlyList<ShownShortcut> Shown, IReadOnlyList<int> Fold,
    IReadOnlyList<int> Test);

/// <summary>A unit on an image, to be drawn.</summary>
/// <param name="Class">The class.</param>
/// <param name="Group">The unit's group.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Image">Index of the source.</param>
/// <param name="Effect">What it adds to the class's logit.</param>
public sealed record ShownShortcut(int Class, UnitGroup Group, int Unit, int Image, double Effect);

/// <summary>
/// Finds units that push towards a class for reasons outside the object, and measures what muting them does to each group of images,
/// against muting neurons, erasing directions and training the last layer again. Units, directions and their numbers are chosen on one half
/// of the images and judged on the other.
/// </summary>
public static class ShortcutStudy
{
    /// <summary>Makes the study.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="groups">Its units: neurons and dictionaries, which stay their owner's.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Groups, background, classes.</param>
    /// <param name="progress">Reported to after each batch of each pass.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">Configuration: no such layer or class, units of another layer, or a reference of other classes.
    /// Data: too few images of known groups, or none.</exception>
    public static ShortcutFindings Run(
        ImageModel model, string layer, IReadOnlyList<UnitGroup> groups, IImageSource source, ShortcutOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ShortcutOptions();
        model.RequireClasses(source);
        options.Reference?.RequireClasses(source);
        foreach (int label in options.Classes)
        {
            if ((uint)label >= (uint)model.Outputs)
                throw FoveaException.BadConfiguration($"Class {label} does not exist: the network has {model.Outputs}.");
        }
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        if (options.Groups is { } sides) RequireBothSides(source, images, sides);
        var (fold, test) = options.Groups is { } known ? FoldSplit.Of(source, images, known, options.Seed) : ([.. images], []);
        if (fold.Length == 0 || (options.Groups is not null && test.Length == 0))
            throw FoveaException.BadData("There are too few images of known groups to choose on some and judge on others.");
        return new StudyOfShortcuts(model, layer, groups, source, options, progress, cancellation).Run(fold, test);
    }

    /// <summary>What a group does is told by images of one class that are in it and that are not: without them nothing is.</summary>
    private static void RequireBothSides(IImageSource source, IReadOnlyList<int> images, ImageGroups groups)
    {
        int[] known = [.. images.Where(image => groups[image] is not null)];
        int inside = known.Count(image => groups[image] == true);
        if (inside == 0 || inside == known.Length)
        {
            throw FoveaException.BadData(
                $"{(inside == 0 ? "None" : "All")} of the {known.Length} images of known groups are in the group {groups.Name}: there is nothing to compare.");
        }
        if (known.GroupBy(source.Label).All(own => own.Select(image => groups[image]).Distinct().Count() == 1))
        {
            throw FoveaException.BadData(
                $"Every class is wholly in the group {groups.Name} or wholly outside: what comes of the group and what of the class cannot be told apart.");
        }
    }
}
