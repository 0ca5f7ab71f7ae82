using System.Globalization;
using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>Takes the images of the split that is asked for, or a held-out part where there is no such split.</summary>
internal static class SplitChoice
{
    /// <summary>The images, in ordinal order of their ids.</summary>
    /// <param name="reading">What the layout found.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="where">The source, for messages.</param>
    /// <returns>The images, what the choice is called, and what was decided.</returns>
    /// <exception cref="FoveaException">There is no such split, it has no labels or no images, or a folder is no class.</exception>
    public static (LabelledFile[] Files, string Name, IReadOnlyList<string> Notes) Take(
        DataReading reading, ImageSourceOptions options, string where)
    {
        string wanted = SplitNames.Wanted(options.Split);
        if (options.HoldOut is not { } holdOut) return (Files(reading, wanted, options, where), reading.HasSplits ? wanted : "", []);

        (string train, string validation) = (SplitNames.Wanted(holdOut.TrainSplit), SplitNames.Wanted(holdOut.ValidationSplit));
        wanted = holdOut.Validation ? validation : train;
        if (reading.HasSplits && train != validation && reading.Split(validation) is not null)
            return (Files(reading, wanted, options, where), wanted, []);
        LabelledFile[] files = Files(reading, train, options, where);
        bool[] held = Draw(files, holdOut.Fraction, holdOut.Seed);
        int count = held.Count(one => one);
        if (count == 0)
        {
            throw FoveaException.BadData(
                $"{where} has no split {validation}, and of classes of a single image none can be held out for validation. "
                + "Give at least two images a class, or a validation split.");
        }
        string of = reading.HasSplits ? $"images of the split {train}" : "images";
        string why = !reading.HasSplits ? "The data have no splits"
            : train == validation ? $"Training and validation name the same split ({train})"
            : $"The data have no split {validation} ({Named(reading)})";
        string note = string.Create(CultureInfo.InvariantCulture, $"{why}: {count} of {files.Length} {of} are held out for validation, ")
            + string.Create(
                CultureInfo.InvariantCulture,
                    $"drawn class by class with seed {holdOut.Seed} ({holdOut.Fraction:0.##%} of each, at least one); training never reads them.");
        return ([.. files.Where((_, i) => held[i] == holdOut.Validation)], holdOut.Validation
            ? "held out" : "without the held-out part", [note]);
    }

    /// <summary>
    /// Which images are held out: a function of their ids, their classes and the seed alone. Names that lead to one image stay together.
    /// </summary>
    internal static bool[] Draw(LabelledFile[] files, double fraction, ulong seed)
    {
        var held = new bool[files.Length];
        foreach (var group in Enumerable.Range(0, files.Length).GroupBy(i => files[i].Label))
        {
            string[] contents = [.. group.Select(i => files[i].Content).Distinct(StringComparer.Ordinal)];
            if (contents.Length < 2) continue;
            int count = Math.Clamp((int)Math.Round(fraction * contents.Length, MidpointRounding.AwayFromZero), 1, contents.Length - 1);
            var random = new CounterRandom(seed, "validation split", group.Key);
            var drawn = random.Permutation(contents.Length).Take(count).Select(i => contents[i]).ToHashSet(StringComparer.Ordinal);
            foreach (int i in group) held[i] = drawn.Contains(files[i].Content);
        }
        return held;
    }

    private static LabelledFile[] Files(DataReading reading, string wanted, ImageSourceOptions options, string where)
    {
        SplitReading split;
        if (!reading.HasSplits) split = reading.Splits[0];
        else
        {
            split = reading.Split(wanted) ?? throw FoveaException.BadData(
                $"{where} has no images in its split {wanted}; its splits are {Named(reading)}. Name one of them as the split, or add a "
                    + $"folder {wanted}/<class>/.");
            if (split.Fault is { } fault)
            {
                throw FoveaException.BadData(
                    $"{where}: the split {wanted} cannot be used: {fault}. Sort its images into class folders named as those of the "
                    + $"other splits ({split.Folders[0]}<class>/<image>), or name another split; splits with classes are {Usable(reading)}."
                    + (wanted == "val"
                        ? $" If {split.Folders[0]} is moved away, a part of the training images is held out for validation." : ""));
            }
        }
        if (reading.Classes.Count > 0 && split.Files.FirstOrDefault(file => file.Label < 0) is { } stranger)
        {
            throw FoveaException.BadData($"{where} is mislabelled: the folder of {stranger.File} is no class of {options.Classes} "
                + $"({reading.Classes.Count} classes). Give the class list of this dataset.");
        }
        if (split.Files.Count == 0)
            throw FoveaException.BadData(
                $"{where} holds no images in class folders{(reading.HasSplits ? $" of its split {wanted}" : "")}.");
        return [.. split.Files.OrderBy(file => file.Id, StringComparer.Ordinal)];
    }

    private static string Named(DataReading reading) => string.Join(", ", reading.Splits.Select(split => split.Name));

    private static string Usable(DataReading reading) =>
        string.Join(", ", reading.Splits.Where(split => split.Fault is null && split.Files.Count > 0)
            .Select(split => split.Name)) is { Length: > 0 } names ? names : "none";
}
