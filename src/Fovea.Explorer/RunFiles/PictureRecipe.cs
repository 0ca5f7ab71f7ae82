using System.Text;
using Fovea.Explorer.Components;

namespace Fovea.Explorer.RunFiles;

/// <summary>How a picture was made: the JSON file beside it, as readable settings.</summary>
internal static class PictureRecipe
{
    // What the page says elsewhere, and what is no setting.
    private static readonly HashSet<string> Left = new(["unit", "layer", "source", "preset", "activation", "peak", "curve", "snapshots", "schema"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The settings of the picture at a path relative to the run folder; none where it has no such file.</summary>
    public static IReadOnlyList<(string Key, string Value)> Read(string folder, string picture)
    {
        // A damaged file of one picture among thousands is not worth a word on the first page.
        JsonView json = JsonView.Open(Path.Combine(folder, Path.ChangeExtension(picture, ".json")), new List<string>());
        return [.. json.Fields.Where(field => !Left.Contains(field.Name))
            .Select(field => (Words(field.Name), Show(field.Value))).Where(setting => setting.Item2.Length > 0)];
    }

    /// <summary>A name in camel case as words: learningRate → learning rate.</summary>
    public static string Words(string name)
    {
        var words = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && words.Length > 0) words.Append(' ');
            words.Append(char.ToLowerInvariant(c));
        }
        return words.ToString();
    }

    private static string Show(JsonView value)
    {
        if (value.Items is { Count: > 0 } items) return string.Join(", ", items.Select(Show).Where(text => text.Length > 0));
        if (value.Fields is { Count: > 0 } fields)
            return string.Join(" ", fields.Select(field => (field.Name, Text: Show(field.Value))).Where(field => field.Text.Length > 0)
                .Select(field => field.Name is "name" or "kind" or "type" ? field.Text : $"{Words(field.Name)} {field.Text}"));
        return value.Number is { } number ? Format.Number(number) : value.Text switch
        {
            null => "",
            "true" => "yes",
            "false" => "no",
            { } text => MachinePaths.Short(text),
        };
    }
}
