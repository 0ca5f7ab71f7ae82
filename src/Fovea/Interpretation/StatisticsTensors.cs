using System.Text;
using Fovea.Checkpoints;

namespace Fovea.Interpretation;

/// <summary>
/// A pass's statistics of a group, bit for bit, as tensors of a file: what one process found and another goes on with. Unlike
/// <see cref="EvidenceFile"/>, which is for readers of a run, nothing is rounded and everything is there.
/// </summary>
internal static class StatisticsTensors
{
    private const string Shape = "shape", Numbers = "units", Kinds = "example_kinds", Sets = "example_sets", Images = "example_images",
        Values = "example_values", Counts = "histogram", Largest = "largest", Sums = "grid_sums", Active = "grid_active",
        ClassSums = "class_sums", ClassImages = "class_images";

    /// <summary>Numbers of an example that are whole: image, row, column.</summary>
    private const int WholeNumbers = 3;

    /// <summary>The tensors.</summary>
    /// <param name="statistics">Of a pass.</param>
    /// <exception cref="ArgumentException">The statistics come from no pass.</exception>
    public static IEnumerable<SafetensorsEntry> Of(GroupStatistics statistics)
    {
        if (statistics is not { Histogram: { } histogram, Grid: { } grid })
            throw new ArgumentException("These statistics come from no pass.", nameof(statistics));
        int units = statistics.Units.Count;
        ExampleSet[][] sets = [.. statistics.Units.Select(unit => unit.AllExamples.ToArray())];
        string[] kinds = [.. sets.SelectMany(all => all).Select(set => set.Kind).Distinct()];
        TopExample[] examples = [.. sets.SelectMany(all => all).SelectMany(set => set.Examples)];
        yield return SafetensorsEntry.Of<long>(Shape, [statistics.Images, statistics.Height, statistics.Width, units, histogram.Total]);
        // As the pass found them: mean and density are quotients of the sums below, but one owner of the division is enough.
        yield return SafetensorsEntry.Of<double>(
            Numbers, [.. statistics.Units.SelectMany(unit => new[] { unit.Density, unit.Mean, unit.Maximum })], units, 3);
        yield return SafetensorsEntry.Of(Kinds, Encoding.UTF8.GetBytes(string.Join('\n', kinds)));
        yield return SafetensorsEntry.Of<int>(Sets, [.. sets.SelectMany((all, unit) => all.SelectMany(
            set => new[] { unit, Array.IndexOf(kinds, set.Kind), set.Examples.Count }))], sets.Sum(all => all.Length), 3);
        yield return SafetensorsEntry.Of<int>(
            Images, [.. examples.SelectMany(one => new[] { one.Image, one.Y, one.X })], examples.Length, WholeNumbers);
        yield return SafetensorsEntry.Of<float>(Values, [.. examples.SelectMany(one => new[] { one.Value, one.Mean })], examples.Length, 2);
        yield return SafetensorsEntry.Of(Counts, histogram.Counts, units, histogram.Bins);
        yield return SafetensorsEntry.Of(Largest, histogram.Largest);
        yield return SafetensorsEntry.Of(Sums, grid.Sums, grid.Height * grid.Width, units);
        yield return SafetensorsEntry.Of(Active, grid.Active, grid.Height * grid.Width, units);
        if (statistics.Classes is not { } classes) yield break;
        yield return SafetensorsEntry.Of(ClassSums, classes.Sums, classes.Classes, units);
        yield return SafetensorsEntry.Of<long>(ClassImages, [.. classes.Images]);
    }

    /// <summary>The statistics in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="group">The units that they are of.</param>
    /// <exception cref="FoveaException">Data: a tensor is missing.</exception>
    /// <exception cref="ArgumentException">The tensors do not fit each other.</exception>
    public static GroupStatistics Read(SafetensorsFile file, UnitGroup group)
    {
        ReadOnlySpan<long> shape = file.Span<long>(Shape);
        if (shape.Length != 5) throw new ArgumentException("Not the shape of a pass.", nameof(file));
        var (images, height, width, units, total) = ((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3], shape[4]);
        ReadOnlySpan<double> numbers = file.Span<double>(Numbers);
        List<ExampleSet>[] sets = ExamplesOf(file, units);
        var found = new UnitStatistics[units];
        for (int unit = 0; unit < units; unit++)
        {
            if (sets[unit] is not [{ Kind: ExampleKinds.Top } top, .. var others])
                throw new ArgumentException($"Unit {unit} has no examples.", nameof(file));
            found[unit] = new UnitStatistics(unit, numbers[3 * unit], numbers[3 * unit + 1], numbers[3 * unit + 2], top.Examples)
            {
                Others = others,
            };
        }
        return new GroupStatistics(group, images, height, width, found)
        {
            Histogram = ActivationHistogram.Restored(!group.IsDictionary, file.Span<long>(Counts), file.Span<float>(Largest), total),
            Grid = GridProfile.Restored(units, height, width, images, file.Span<double>(Sums), file.Span<int>(Active)),
            Classes = file.Tensors.ContainsKey(ClassSums)
                ? ClassProfile.Restored(units, file.Span<double>(ClassSums), file.Span<long>(ClassImages)) : null,
        };
    }

    private static List<ExampleSet>[] ExamplesOf(SafetensorsFile file, int units)
    {
        string[] kinds = Encoding.UTF8.GetString(file.Span<byte>(Kinds)).Split('\n');
        ReadOnlySpan<int> sets = file.Span<int>(Sets), images = file.Span<int>(Images);
        ReadOnlySpan<float> values = file.Span<float>(Values);
        var found = new List<ExampleSet>[units];
        for (int unit = 0; unit < units; unit++) found[unit] = [];
        for (int set = 0, at = 0; set < sets.Length; set += 3)
        {
            var examples = new TopExample[sets[set + 2]];
            for (int i = 0; i < examples.Length; i++, at++)
            {
                examples[i] = new TopExample(
                    images[WholeNumbers * at], values[2 * at], images[WholeNumbers * at + 1], images[WholeNumbers * at + 2])
                {
                    Mean = values[2 * at + 1],
                };
            }
            found[sets[set]].Add(new ExampleSet(kinds[sets[set + 1]], examples));
        }
        return found;
    }
}
