using System.Text;
using System.Text.Json;
using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// Which columns of a Parquet file are images, their names and their classes: by what Hugging Face's <c>datasets</c> writes of them (the key
/// <c>huggingface</c>), else by their names and shapes.
/// </summary>
/// <param name="Image">The column of the images' bytes.</param>
/// <param name="Path">The column of their names; −1 for none.</param>
/// <param name="Label">The column of their classes; −1 for none.</param>
/// <param name="Classes">The names of the classes; null where the file does not say.</param>
internal sealed record ImageColumns(int Image, int Path, int Label, IReadOnlyList<string>? Classes)
{
    private static readonly string[] ImageNames = ["image", "img", "picture", "photo", "jpg", "png"];
    private static readonly string[] LabelNames = ["label", "labels", "fine_label", "class", "target", "cls"];

    /// <summary>The columns.</summary>
    /// <exception cref="FormatException">There is no column of images, or several.</exception>
    public static ImageColumns Of(ParquetFooter footer)
    {
        Dictionary<string, IReadOnlyList<string>> classed = new(StringComparer.Ordinal);
        HashSet<string> images = new(StringComparer.Ordinal);
        if (footer.Words.TryGetValue("huggingface", out string? words)) Features(words, images, classed);
        int[] candidates = [.. Enumerable.Range(0, footer.Columns.Count).Where(i => IsImage(footer.Columns[i], images))];
        int image = candidates.Length == 1 ? candidates[0]
            : candidates.FirstOrDefault(i => ImageNames.Contains(footer.Columns[i].Path[0], StringComparer.OrdinalIgnoreCase), -1);
        if (image < 0)
        {
            throw new FormatException(candidates.Length == 0
                ? $"it has no column of images: expected image with bytes and path, found {Listed(footer.Columns.Select(one => one.Name))}"
                : $"it has several columns of images ({Listed(candidates.Select(i => footer.Columns[i].Name))})");
        }
        ParquetColumn found = footer.Columns[image];
        int path = found.Path.Count < 2 ? -1 : Index(footer, [.. found.Path.SkipLast(1), "path"], ParquetColumn.ByteArray);
        int label = LabelOf(footer, classed);
        return new ImageColumns(image, path, label, label < 0 ? null : classed.GetValueOrDefault(footer.Columns[label].Path[0]));
    }

    private static bool IsImage(ParquetColumn column, HashSet<string> images)
    {
        if (column.Type != ParquetColumn.ByteArray) return false;
        if (column.Path.Count == 2 && column.Path[1] == "bytes") return images.Count == 0 || images.Contains(column.Path[0]);
        return column.Path.Count == 1 && (images.Contains(column.Path[0])
            || (images.Count == 0 && ImageNames.Contains(column.Path[0], StringComparer.OrdinalIgnoreCase)));
    }

    private static int LabelOf(ParquetFooter footer, Dictionary<string, IReadOnlyList<string>> classed)
    {
        foreach (string name in LabelNames.Concat(classed.Keys.Order(StringComparer.Ordinal)))
        {
            for (int i = 0; i < footer.Columns.Count; i++)
            {
                ParquetColumn column = footer.Columns[i];
                if (column.Path.Count == 1 && column.Path[0].Equals(name, StringComparison.OrdinalIgnoreCase)
                    && column.Type is ParquetColumn.Int32 or ParquetColumn.Int64 or ParquetColumn.ByteArray) return i;
            }
        }
        return -1;
    }

    private static int Index(ParquetFooter footer, string[] path, int type)
    {
        for (int i = 0; i < footer.Columns.Count; i++)
        {
            if (footer.Columns[i].Type == type && footer.Columns[i].Path.SequenceEqual(path)) return i;
        }
        return -1;
    }

    private static void Features(string words, HashSet<string> images, Dictionary<string, IReadOnlyList<string>> classed)
    {
        try
        {
            using var document = StrictJson.Document(Encoding.UTF8.GetBytes(words));
            if (!document.RootElement.TryGetProperty("info", out JsonElement info)
                || !info.TryGetProperty("features", out JsonElement features))
                return;
            foreach (JsonProperty feature in features.EnumerateObject())
            {
                if (feature.Value.ValueKind != JsonValueKind.Object || !feature.Value.TryGetProperty("_type", out JsonElement type)) continue;
                if (type.ValueEquals("Image")) images.Add(feature.Name);
                if (type.ValueEquals("ClassLabel") && feature.Value.TryGetProperty("names", out JsonElement names))
                    classed[feature.Name] = [.. names.EnumerateArray().Select(name => name.GetString() ?? "")];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("what Hugging Face says of its columns is damaged", e);
        }
    }

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(8)) + (all.Length > 8 ? " …" : "");
    }
}
