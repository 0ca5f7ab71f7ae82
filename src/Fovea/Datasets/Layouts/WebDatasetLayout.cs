using System.Globalization;
using System.Text;
using System.Text.Json;
using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// WebDataset: tars in which the files of one sample share a key, <c>key.jpg</c>, <c>key.cls</c>, <c>key.json</c>; one tar, or a folder of
/// shards, whose names say their splits. The class is the number in <c>.cls</c>, or <c>label</c> in <c>.json</c>; names come from a class
/// list. Source: the WebDataset format specification.
/// </summary>
public sealed class WebDatasetLayout : IImageLayout
{
    private const string ClassKind = "cls", JsonKind = "json";
    private const int LongestClass = 32, LongestJson = 1 << 20, LargestClass = 1_000_000;

    /// <inheritdoc/>
    public string Name => "webdataset";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return tree is TarTree or TarSet && (
            tree.Files.Any(file => WebDatasetSample.Divide(file.Name).Kind is ClassKind or ClassKind + ".gz") || HasTexts(tree));
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">A sample has no image, several, or no class; a key stands twice; or shards are of two kinds.</exception>
    public DataReading Read(IFileTree tree, string? classes)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var notes = new List<string>();
        WebDatasetSample[] samples = [.. Samples(tree, notes)];
        Require(tree, samples);
        string[] shards = [.. samples.Select(sample => sample.Shard).Distinct(StringComparer.Ordinal)];
        int[] labels = [.. samples.Select(sample => Label(tree, sample))];
        ClassList list = classes is not null ? ClassTable.Read(classes)
            : new ClassList(Enumerable.Range(0, labels.Max() + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))
                .Select(id => new ClassInfo(id, id)));
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= list.Count)
            {
                throw FoveaException.BadData(
                    $"{tree.Description} is mislabelled: {samples[i].Key} is of class {labels[i]}, and {classes} lists {list.Count}.");
            }
        }
        if (classes is null)
            notes.Add(DataNotes.Numbered(list.Count));
        Dictionary<string, string> splits = new(
            shards.Zip(ShardNames.Splits(tree.Description, shards, ".tar"), KeyValuePair.Create), StringComparer.Ordinal);
        RequireSamples(tree, splits);
        DataNotes.Tree(notes, tree);
        return new DataReading
        {
            Layout = Name,
            Root = "",
            Classes = list,
            Notes = notes,
            Splits =
            [
                .. ShardNames.Order.Where(splits.ContainsValue).Select(split => Split(
                    split, samples.Zip(labels).Where(pair => splits[pair.First.Shard] == split),
                        shards.Where(shard => splits[shard] == split))),
            ],
        };
    }

    // Images with a text or a table of the same name beside them: samples, though none has a class.
    private static bool HasTexts(IFileTree tree)
    {
        const int Looked = 2000;
        string[] texts = [.. tree.Files.Take(Looked).Select(file => WebDatasetSample.Divide(file.Name))
            .Where(one => one.Kind is JsonKind or "txt").Select(one => one.Key)];
        var images = tree.Files.Take(Looked).Where(file => ImageFiles.IsImage(file.Name))
            .Select(file => WebDatasetSample.Divide(file.Name).Key).ToHashSet(StringComparer.Ordinal);
        return texts.Any(images.Contains);
    }

    private static SplitReading Split(string name, IEnumerable<(WebDatasetSample Sample, int Label)> samples, IEnumerable<string> shards)
    {
        LabelledFile[] files =
        [
            .. samples.Select(pair => (File: pair.Sample.Image!.Value, pair.Label))
                .Select(one => new LabelledFile(one.File.Name, one.File.Name, one.Label, one.File.Size, one.File.Target ?? one.File.Name)),
        ];
        return new SplitReading { Name = name, Folders = [.. shards.Take(3)], Files = files, Images = files.Length };
    }

    private static IEnumerable<WebDatasetSample> Samples(IFileTree tree, List<string> notes)
    {
        HashSet<string>? shards = tree is TarSet set ? [.. set.Tars.Select(TarContent.FolderOf)] : null;
        var samples = new Dictionary<string, WebDatasetSample>(StringComparer.Ordinal);
        int outside = 0;
        foreach (TreeFile file in tree.Files)
        {
            string? shard = ShardOf(file.Name, shards);
            if (shard is null)
            {
                outside++;
                continue;
            }
            (string key, string kind) = WebDatasetSample.Divide(file.Name);
            if (kind.EndsWith(".gz", StringComparison.Ordinal))
            {
                throw FoveaException.BadData(
                    $"{tree.Description} holds compressed members ({file.Name}): pack the shards again without compressing what is in them.");
            }
            bool image = !kind.Contains('.', StringComparison.Ordinal) && ImageFiles.IsImage("x." + kind);
            if (!image && kind is not (ClassKind or JsonKind)) continue;
            if (!samples.TryGetValue(key, out WebDatasetSample? sample)) samples[key] = sample = new WebDatasetSample(shard, key);
            if (kind == ClassKind) sample.Class = file;
            else if (kind == JsonKind) sample.Json = file;
            else
            {
                if (sample.Image is not null) sample.MoreImages++;
                sample.Image ??= file;
            }
        }
        if (outside > 0) notes.Add($"Left out: {outside} {(outside == 1 ? "file" : "files")} beside the shards.");
        return samples.Values;
    }

    private static string? ShardOf(string name, HashSet<string>? shards)
    {
        if (shards is null) return "";
        for (int slash = name.IndexOf('/'); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            if (shards.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name.AsSpan(0, slash), out string? shard)) return shard;
        }
        return null;
    }

    private static void Require(IFileTree tree, WebDatasetSample[] samples)
    {
        if (tree.Twice is { Count: > 0 } twice)
        {
            throw FoveaException.BadData($"{tree.Description}: the key of {twice[0]} stands twice"
                + $"{(twice.Count > 1 ? $" (and {twice.Count - 1} others)" : "")}. Write the shards again, each sample once.");
        }
        Refuse(sample => sample.Image is null, "has no image that is read");
        Refuse(sample => sample.MoreImages > 0, "has several images");
        Refuse(sample => sample.Class is null && sample.Json is null, "has an image and no .cls");

        void Refuse(Func<WebDatasetSample, bool> wrong, string why)
        {
            WebDatasetSample[] all = [.. samples.Where(wrong)];
            if (all.Length > 0)
            {
                throw FoveaException.BadData($"{tree.Description}: the sample {all[0].Key} {why}"
                    + $"{(all.Length > 1 ? $" (and so {all.Length - 1} others)" : "")}; a labelled sample is one image and one .cls.");
            }
        }
    }

    private static void RequireSamples(IFileTree tree, Dictionary<string, string> splits)
    {
        if (tree is TarSet set && set.Tars.Select(TarContent.FolderOf).FirstOrDefault(shard => !splits.ContainsKey(shard)) is { } empty)
            throw FoveaException.BadData($"{tree.Description}: the shard {empty}.tar has no samples. Move it away, or write it again.");
    }

    private static int Label(IFileTree tree, WebDatasetSample sample)
    {
        TreeFile file = sample.Class ?? sample.Json!.Value;
        if (file.Size > (sample.Class is null ? LongestJson : LongestClass))
            throw FoveaException.BadData($"{file.Name} in {tree.Description} has {file.Size} bytes: that is no class.");
        byte[] content = tree.Read(file.Name);
        string text = sample.Class is null ? FromJson(content) ?? "" : Encoding.UTF8.GetString(content).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int label) && label < LargestClass ? label
            : throw FoveaException.BadData($"{file.Name} in {tree.Description} says the class \"{text}\"; expected a number from 0 on"
                + $"{(sample.Class is null ? " in \"label\"" : "")}.");
    }

    private static string? FromJson(byte[] content)
    {
        try
        {
            using var document = StrictJson.Document(content);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("label", out JsonElement label)
                ? label.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
