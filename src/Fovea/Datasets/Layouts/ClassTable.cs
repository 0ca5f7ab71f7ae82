using System.Globalization;
using System.Text;

namespace Fovea.Datasets;

/// <summary>Reads class lists: a TSV (index, id, name) and the <c>words.txt</c> of ImageNet and Tiny ImageNet (id, names).</summary>
public static class ClassTable
{
    /// <summary>
    /// Classes from a TSV file with the columns index, id and name; a header line is allowed, indices run from 0 without a gap.
    /// </summary>
    /// <exception cref="FoveaException">The file cannot be read or a line is not as it must be.</exception>
    public static ClassList Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the class list {path}: {e.Message}", e);
        }
        var classes = new List<ClassInfo>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            string[] cells = lines[i].Split('\t');
            bool numbered = int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index);
            if (!numbered && i == 0) continue;
            if (!numbered || cells.Length < 2 || cells[1].Length == 0)
            {
                throw FoveaException.BadData($"{path}, line {i + 1}: expected index, id and name with tabs between, found \"{lines[i]}\" "
                    + "(JSON, tables with commas and lists of names alone are not read).");
            }
            if (index != classes.Count)
            {
                throw FoveaException.BadData($"{path}, line {i + 1}: class {index} follows class {classes.Count - 1}; "
                    + "the classes must be listed from 0 on without a gap.");
            }
            classes.Add(new ClassInfo(cells[1], cells.Length > 2 && cells[2].Length > 0 ? cells[2] : cells[1]));
        }
        if (classes.Count == 0)
        {
            throw FoveaException.BadData(lines.All(string.IsNullOrWhiteSpace)
                ? $"The class list {path} is empty."
                : $"The class list {path} has no class: a line has index, id and name with tabs between (JSON and lists of names alone "
                    + $"are not read).");
        }
        return new ClassList(classes);
    }

    /// <summary>The first of the names that <c>words.txt</c> gives for each id.</summary>
    internal static Dictionary<string, string> Words(byte[] file)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Lines(file))
        {
            int tab = line.IndexOf('\t');
            if (tab <= 0) continue;
            string all = line[(tab + 1)..].Trim();
            names[line[..tab].Trim()] = all.IndexOf(',') is > 0 and int comma ? all[..comma] : all;
        }
        return names;
    }

    /// <summary>The lines of a text file that are not blank.</summary>
    internal static string[] Lines(byte[] file) =>
        Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Classes with these ids, named by <paramref name="words"/> where it knows them.</summary>
    internal static ClassList Named(IEnumerable<string> ids, Dictionary<string, string> words) =>
        new(ids.Select(id => new ClassInfo(id, words.GetValueOrDefault(id, id))));
}
