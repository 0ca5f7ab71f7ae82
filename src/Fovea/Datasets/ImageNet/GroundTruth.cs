using System.Globalization;

namespace Fovea.Datasets;

/// <summary>The classes of ImageNet's validation images by their names.</summary>
/// <param name="Where">What they were read from, for messages.</param>
/// <param name="Classes">The classes in the order of WordNet ids, with names; null where only labels are known.</param>
/// <param name="Labels">How many images are labelled.</param>
internal sealed record GroundTruth(string Where, ClassList? Classes, int Labels)
{
    private const string Prefix = "ILSVRC2012_val_";

    private Func<string, string?> Find { get; init; } = _ => null;

    /// <summary>The WordNet id of an image's class, or null where there is none.</summary>
    /// <param name="image">The image's file name without its ending.</param>
    public string? Of(string image) => Find(image);

    /// <summary>
    /// The devkit's: line n of <c>ILSVRC2012_validation_ground_truth.txt</c> is the <c>ILSVRC2012_ID</c> of <c>ILSVRC2012_val_n</c>, and
    /// <c>meta.mat</c> says which WordNet id that is: the numbers follow no order of names. Source: the devkit's readme, and torchvision's
    /// <c>ImageNet</c>, which takes the synsets without children as classes.
    /// </summary>
    /// <exception cref="FoveaException">A file is damaged, or a number is no class.</exception>
    public static GroundTruth OfDevkit(byte[] meta, byte[] lines, string where)
    {
        var ids = new Dictionary<int, ClassInfo>();
        try
        {
            foreach (IReadOnlyDictionary<string, object?> synset in MatFile.Structs(meta, "synsets"))
            {
                if (synset.GetValueOrDefault("num_children") is not 0.0) continue;
                if (synset.GetValueOrDefault("ILSVRC2012_ID") is not double number || synset.GetValueOrDefault("WNID") is not string id
                    || !WordNet.IsId(id) || number != (int)number)
                    throw new FormatException("a synset has no ILSVRC2012_ID or no WNID");
                string words = synset.GetValueOrDefault("words") as string ?? id;
                if (!ids.TryAdd((int)number, new ClassInfo(id, ClassTable.FirstName(words))))
                    throw new FormatException($"the ILSVRC2012_ID {(int)number} stands twice");
            }
            if (ids.Count == 0) throw new FormatException("no synset is without children");
        }
        catch (FormatException e)
        {
            throw FoveaException.BadData($"meta.mat of {where} cannot be read: {e.Message}. Get the devkit again.", e);
        }
        string[] numbers = ClassTable.Lines(lines);
        var labels = new string[numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                || !ids.TryGetValue(number, out ClassInfo? info))
            {
                throw FoveaException.BadData($"ILSVRC2012_validation_ground_truth.txt of {where}, line {i + 1}: \"{numbers[i]}\" is none of "
                    + $"the {ids.Count} classes of meta.mat ({ids.Keys.Min()} to {ids.Keys.Max()}).");
            }
            labels[i] = info.Id;
        }
        var classes = new ClassList(ids.Values.OrderBy(info => info.Id, StringComparer.Ordinal));
        return new GroundTruth(where, classes, labels.Length)
        {
            Find = image => image.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(image.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= 1 && number <= labels.Length ? labels[number - 1] : null,
        };
    }

    /// <summary>Kaggle's <c>LOC_val_solution.csv</c>: an image, and boxes that each begin with the WordNet id.</summary>
    /// <param name="table">The file.</param>
    /// <param name="mapping"><c>LOC_synset_mapping.txt</c>, or null.</param>
    /// <param name="where">The file's name.</param>
    /// <exception cref="FoveaException">A line is of another form, or an image stands twice.</exception>
    public static GroundTruth OfKaggle(byte[] table, byte[]? mapping, string where)
    {
        string[] lines = ClassTable.Lines(table);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = i == 0 ? lines[i].TrimStart('\uFEFF') : lines[i];
            if (i == 0 && line.StartsWith("ImageId", StringComparison.OrdinalIgnoreCase)) continue;
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            string id = comma < 0 ? "" : line[(comma + 1)..].Trim('"', ' ').Split(' ')[0];
            if (comma <= 0 || !WordNet.IsId(id))
            {
                throw FoveaException.BadData(
                    $"{where}, line {i + 1}: expected an image, a comma and an id such as n01440764, found \"{Short(line)}\".");
            }
            if (!labels.TryAdd(line[..comma], id)) throw FoveaException.BadData($"{where}, line {i + 1}: {line[..comma]} stands twice.");
        }
        ClassList? classes = mapping is null ? null : ClassTable.Mapping(mapping, "LOC_synset_mapping.txt");
        return new GroundTruth(where, classes, labels.Count) { Find = labels.GetValueOrDefault };
    }

    private static string Short(string line) => line.Length <= 60 ? line : line[..60] + "…";
}
