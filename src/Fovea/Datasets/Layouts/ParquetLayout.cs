using System.Globalization;

namespace Fovea.Datasets;

/// <summary>
/// Tables of images as Hugging Face's <c>datasets</c> writes them: <c>image{bytes, path}</c> and <c>label</c>, in one Parquet file or many,
/// whose names say their splits. Names of classes are those that the file brings, or a class list's.
/// </summary>
public sealed class ParquetLayout : IImageLayout
{
    /// <inheritdoc/>
    public string Name => "parquet";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree) => tree is ParquetTree;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The source is no Parquet, has no image, or a class is not in the list.</exception>
    public DataReading Read(IFileTree tree, string? classes)
    {
        if (tree is not ParquetTree table) throw FoveaException.BadData($"{tree?.Description} is no Parquet file and no folder of them.");
        if (table.Files.Count == 0)
        {
            throw FoveaException.BadData($"{table.Description} holds no images: the bytes of all {table.Shards.Sum(shard => shard.Rows)} rows "
                + "are null. A table that only names files is not read; write it with the images in it.");
        }
        var notes = new List<string>();
        int[] labels = new int[table.Files.Count];
        ClassList list = Classes(table, classes, labels);
        string[] splits = ShardNames.Splits(table.Description, [.. table.Shards.Select(shard => shard.Stem)], ".parquet");
        int lacking = table.Shards.Sum(shard => shard.Missing.Count);
        if (lacking > 0)
        {
            ParquetShard first = table.Shards.First(shard => shard.Missing.Count > 0);
            notes.Add($"Left out: {lacking} {(lacking == 1 ? "row" : "rows")} without an image ({first.Stem}, row {first.Missing.Min()}).");
        }
        if (list.Count > 0 && classes is null && table.Shards.All(shard => shard.Classes is null && shard.Texts is null))
            notes.Add(DataNotes.Numbered(list.Count));
        return new DataReading
        {
            Layout = Name,
            Root = "",
            Classes = list,
            Notes = notes,
            Splits =
            [
                .. ShardNames.Order.Where(splits.Contains)
                    .Select(split => Split(table, split, splits, labels, list)),
            ],
        };
    }

    private static SplitReading Split(ParquetTree table, string name, string[] splits, int[] labels, ClassList list)
    {
        LabelledFile[] files =
        [
            .. Enumerable.Range(0, labels.Length).Where(i => splits[table.Rows[i].Shard] == name)
                .Select(i => (File: table.Files[i], Label: labels[i]))
                .Select(one => new LabelledFile(one.File.Name, one.File.Name, one.Label, one.File.Size, one.File.Name)),
        ];
        LabelledFile? without = list.Count == 0 ? null : files.FirstOrDefault(file => file.Label < 0);
        if (without is not null && files.Any(file => file.Label >= 0))
            throw FoveaException.BadData($"{table.Description} is mislabelled: {without.File} has no label (null or -1), and others have.");
        return new SplitReading
        {
            Name = name,
            Folders = [.. table.Shards.Where((_, i) => splits[i] == name).Select(shard => shard.Stem + ".parquet").Take(3)],
            Files = files,
            Images = files.Length,
            Fault = without is null ? null : "its rows have no labels (null or -1)",
        };
    }

    private static ClassList Classes(ParquetTree table, string? classes, int[] labels)
    {
        ClassList? given = classes is null ? null : ClassTable.Read(classes);
        string[][] own = [.. table.Shards.Select(shard => shard.Classes).OfType<IReadOnlyList<string>>().Select(one => one.ToArray())];
        if (own.Length > 0 && !own.All(one => one.SequenceEqual(own[0])))
            throw FoveaException.BadData($"{table.Description}: its files name different classes. Give files of one data set.");
        if (table.Shards.Any(shard => shard.Texts is not null)) return OfTexts(table, given, labels);
        int most = -1;
        for (int i = 0; i < labels.Length; i++)
        {
            (int shard, int row) = table.Rows[i];
            labels[i] = table.Shards[shard].HasLabels ? table.Shards[shard].Labels[row] : -1;
            if (labels[i] > most) most = labels[i];
        }
        if (most < 0) return new ClassList([]);
        ClassList list = given ?? (own.Length > 0 ? JsonClasses.List([.. own[0].Select(name => ((string?)null, name))])
            : new ClassList(Enumerable.Range(0, RequireFew(table, most) + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))
                .Select(id => new ClassInfo(id, id))));
        if (most < list.Count) return list;
        int wrong = Array.FindIndex(labels, label => label >= list.Count);
        throw FoveaException.BadData($"{table.Description} is mislabelled: {table.Files[wrong].Name} is of class {labels[wrong]}, and "
            + $"{(given is null ? "the file names" : $"{classes} lists")} {list.Count} classes.");
    }

    private static ClassList OfTexts(ParquetTree table, ClassList? given, int[] labels)
    {
        string?[] texts = [.. table.Rows.Select(row => table.Shards[row.Shard].Texts?[row.Row])];
        ClassList list = given ?? ClassTable.Named(texts.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), []);
        var matcher = new ClassMatcher(list);
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = texts[i] is { } text ? matcher.Find(text) : -1;
            if (labels[i] < 0 && texts[i] is not null)
            {
                throw FoveaException.BadData(
                    $"{table.Description} is mislabelled: {table.Files[i].Name} is of class {texts[i]}, which is not in the list of {list.Count}.");
            }
        }
        return list;
    }

    private static int RequireFew(ParquetTree table, int most) => most < 1_000_000 ? most
        : throw FoveaException.BadData($"{table.Description}: the largest label is {most}: the column is no class. Give a class list.");
}
