using System.Globalization;
using System.Text;
using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// Reads class lists: a TSV (index, id, name), JSON (<see cref="JsonClasses"/>), Kaggle's <c>LOC_synset_mapping.txt</c> (id, names), and
/// the <c>words.txt</c> of ImageNet and Tiny ImageNet.
/// </summary>
public static class ClassTable
{
    /// <summary>
    /// Classes from a TSV file with the columns index, id and name (a header line is allowed, indices run from 0 without a gap), from JSON
    /// (a list, or an object from index to name or back), or from <c>LOC_synset_mapping.txt</c>.
    /// </summary>
    /// <exception cref="FoveaException">The file cannot be read or a line is not as it must be.</exception>
    public static ClassList Read(string path)
    {
        byte[] file;
        try
        {
            file = PlainFile.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the class list {path}: {e.Message}", e);
        }
        string[] lines = Encoding.UTF8.GetString(file).TrimStart('\uFEFF').Split('\n');
        string? first = lines.FirstOrDefault(line => !string.IsNullOrWhiteSpace(line))?.TrimStart();
        if (first is null) throw FoveaException.BadData($"The class list {path} is empty.");
        if (first[0] is '[' or '{') return JsonClasses.Read(file, path);
        return IsMapping(first) ? Mapping(file, path) : Table(lines, path);
    }

    /// <summary>The classes of <c>LOC_synset_mapping.txt</c>: a WordNet id, a blank, names with commas between; in the order of ids.</summary>
    /// <exception cref="FoveaException">A line is of another form.</exception>
    internal static ClassList Mapping(byte[] file, string path)
    {
        string[] lines = Lines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            if (!IsMapping(lines[i]))
                throw FoveaException.BadData($"{path}, line {i + 1}: expected an id such as n01440764 and names, found \"{lines[i]}\".");
        }
        return new ClassList(lines.Select(line => new ClassInfo(line[..9], FirstName(line[10..]))));
    }

    /// <summary>The first of the names that <c>words.txt</c> gives for each id.</summary>
    internal static Dictionary<string, string> Words(byte[] file)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Lines(file))
        {
            int tab = line.IndexOf('\t');
            if (tab <= 0) continue;
            names[line[..tab].Trim()] = FirstName(line[(tab + 1)..]);
        }
        return names;
    }

    /// <summary>The first of several names with commas between.</summary>
    internal static string FirstName(string names)
    {
        names = names.Trim();
        return names.IndexOf(',') is > 0 and int comma ? names[..comma] : names;
    }

    /// <summary>The lines of a text file that are not blank.</summary>
    internal static string[] Lines(byte[] file) =>
        Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Classes with these ids, named by <paramref name="words"/> where it knows them.</summary>
    internal static ClassList Named(IEnumerable<string> ids, Dictionary<string, string> words) =>
        new(ids.Select(id => new ClassInfo(id, words.GetValueOrDefault(id, id))));

    private static bool IsMapping(string line) => line.Length > 10 && WordNet.IsId(line.AsSpan(0, 9)) && line[9] == ' ';

    private static ClassList Table(string[] lines, string path)
    {
        var classes = new List<ClassInfo>();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (string.IsNullOrWhiteSpace(line)) continue;
            string[] cells = line.Split('\t');
            bool numbered = int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index);
            if (!numbered && i == 0) continue;
            if (!numbered || cells.Length < 2 || cells[1].Length == 0)
            {
                throw FoveaException.BadData($"{path}, line {i + 1}: expected index, id and name with tabs between, found \"{line}\" "
                    + "(tables with commas and lists of names alone are not read; as JSON, [\"cat\", \"dog\"], they are).");
            }
            if (index != classes.Count)
            {
                throw FoveaException.BadData($"{path}, line {i + 1}: class {index} follows class {classes.Count - 1}; "
                    + "the classes must be listed from 0 on without a gap.");
            }
            classes.Add(new ClassInfo(cells[1], cells.Length > 2 && cells[2].Length > 0 ? cells[2] : cells[1]));
        }
        return classes.Count > 0 ? new ClassList(classes) : throw FoveaException.BadData(
            $"The class list {path} has no class: a line has index, id and name with tabs between (lists of names alone are not read; as "
                + "JSON, [\"cat\", \"dog\"], they are).");
    }
}
