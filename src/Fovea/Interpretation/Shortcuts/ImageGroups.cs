using Fovea.Datasets;
using Fovea.IO;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>Which images of a source are of a suspected group: those that show what may be a shortcut.</summary>
public sealed class ImageGroups
{
    private const int ShownValues = 8;
    private readonly bool?[] _members;

    private ImageGroups(string name, bool?[] members) => (Name, _members) = (name, members);

    /// <summary>What the group is, for people.</summary>
    public string Name { get; }

    /// <summary>Whether an image is of the group; null where that is not known.</summary>
    public bool? this[int image] => _members[image];

    /// <summary>Images of which it is known.</summary>
    public int Known => _members.Count(member => member is not null);

    /// <summary>The groups of images into which something was planted; null where nothing was.</summary>
    public static ImageGroups? Planted(IImageSource source) => source is not IPlantedGroups { Shortcut: { } shortcut } planted ? null
        : new ImageGroups($"{shortcut}", [.. Enumerable.Range(0, source.Count).Select(i => (bool?)planted.IsPlanted(i))]);

    /// <summary>
    /// Groups from a table of comma-separated values with the columns <c>image</c> and <c>group</c>. An image is named by its id, or by the
    /// end of it after a slash where only one image ends so. Rows of images that the source does not have are passed over.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The images.</param>
    /// <param name="value">The value of <c>group</c> that is the suspected one; null where the values are 0 and 1, or no and yes.</param>
    /// <exception cref="FoveaException">Data: the file is missing or damaged, or names none of the images. Configuration: which value is
    /// meant is not clear.</exception>
    public static ImageGroups Read(string path, IImageSource source, string? value)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(source);
        var rows = CommaSeparated.Read(Text(path), path).ToArray();
        if (rows.Length == 0 || rows[0].Fields.ToList() is not { } header || header.IndexOf("image") is not (>= 0 and var image)
            || header.IndexOf("group") is not (>= 0 and var group))
            throw FoveaException.BadData($"{path} must begin with a line that names its columns, image and group among them.");
        var places = Places(source);
        var found = new Dictionary<int, (string Value, int Line)>();
        foreach (var (line, fields) in rows.Skip(1))
        {
            if (fields.Count <= Math.Max(image, group))
                throw FoveaException.BadData($"{path}, line {line}: {fields.Count} fields, and the first line names {header.Count}.");
            if (!places.TryGetValue(fields[image], out int place) || place < 0) continue;
            if (found.TryGetValue(place, out var before) && before.Value != fields[group])
            {
                throw FoveaException.BadData(
                    $"{path}, line {line}: {fields[image]} is in group '{fields[group]}', and on line {before.Line} in '{before.Value}'.");
            }
            found[place] = (fields[group], line);
        }
        if (found.Count == 0)
        {
            throw FoveaException.BadData(
                $"{path} names none of the images of {source.Description}{(source.Count > 0 ? $", such as {source.Id(0)}" : "")}.");
        }
        string[] values = [.. found.Values.Select(one => one.Value).Distinct().Order(StringComparer.Ordinal)];
        string meant = Meant(path, values, value);
        return new ImageGroups(meant is "1" or "yes" ? Path.GetFileNameWithoutExtension(path) : meant,
            [.. Enumerable.Range(0, source.Count).Select(i => found.TryGetValue(i, out var own) ? own.Value == meant : (bool?)null)]);
    }

    private static string Meant(string path, string[] values, string? value)
    {
        if (value is not null)
        {
            return values.Contains(value) ? value
                : throw FoveaException.BadConfiguration($"{path} has no group '{value}'.{Suggestions.Sentence(value, values)}");
        }
        return values is ["0", "1"] or ["no", "yes"] ? values[1]
            : throw FoveaException.BadConfiguration(
                $"{path} has the groups {string.Join(", ", values.Take(ShownValues))}{(values.Length > ShownValues ? ", …" : "")}: say "
                    + "which one is suspected.");
    }

    /// <summary>Images by id and by each end of it; −1 where several end so.</summary>
    private static Dictionary<string, int> Places(IImageSource source)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var whole = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < source.Count; i++)
        {
            string id = source.Id(i);
            places[id] = i;
            whole.Add(id);
        }
        for (int i = 0; i < source.Count; i++)
        {
            string id = source.Id(i);
            for (int slash = id.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = id.IndexOf('/', slash + 1))
            {
                string end = id[(slash + 1)..];
                if (!whole.Contains(end)) places[end] = places.TryGetValue(end, out int other) && other != i ? -1 : i;
            }
        }
        return places;
    }

    private static string Text(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length > DocumentFile.LargestBytes) throw FoveaException.BadData($"Cannot read {path}: {length} bytes are too many.");
            return PlainFile.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }
}
