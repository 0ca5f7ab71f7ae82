using System.Globalization;
using System.Text;

namespace Fovea.Cli.Recipes;

/// <summary>What was found out of a network and images, each with its reason: the values of a first recipe.</summary>
internal sealed record NewRecipe
{
    /// <summary>The recipe's name.</summary>
    public required string Name { get; init; }

    /// <summary>The network's file and the images, as the recipe names them.</summary>
    public required (string Network, string Images) Paths { get; init; }

    /// <summary>What both are, in words.</summary>
    public required (string Network, string Images) InWords { get; init; }

    /// <summary>Lines of <c>[data]</c> beyond the source.</summary>
    public required IReadOnlyList<NewLine> Data { get; init; }

    /// <summary>Lines of <c>[model]</c> beyond the network.</summary>
    public required IReadOnlyList<NewLine> Model { get; init; }

    /// <summary>The layer, and why it.</summary>
    public required (string Name, string Why) Layer { get; init; }

    /// <summary>Lines of <c>[harvest]</c> beyond the layer.</summary>
    public required IReadOnlyList<NewLine> Harvest { get; init; }

    /// <summary>Lines of <c>[[dictionary]]</c> beyond its name and layer.</summary>
    public required IReadOnlyList<NewLine> Dictionary { get; init; }

    /// <summary>Lines of <c>[proof]</c>; null: no such table.</summary>
    public required IReadOnlyList<NewLine>? Proof { get; init; }

    /// <summary>The recipe's text.</summary>
    /// <param name="file">The recipe's file, for the commands in its head.</param>
    public string Text(string file)
    {
        var text = new StringBuilder();
        Comment(text, $"{InWords.Network}, on {InWords.Images}.");
        Comment(text, $"  fovea run {file} --dry-run     what it reads, writes and takes");
        Comment(text, $"  fovea run {file}");
        Comment(text, "Every key: docs/reference/recipes.md. What is not here has a default.");
        Lines(text, null,
        [
            new("schema", 1, ""), new("name", Name, ""),
            new("seed", 1, "any; every random number of the run follows from it"),
        ]);
        Lines(text, "[data]", [new("source", Paths.Images, ""), .. Data]);
        Lines(text, "[model]", [new("network", Paths.Network, ""), .. Model]);
        Lines(text, "[harvest]", [new("layers", new[] { Layer.Name }, Layer.Why), .. Harvest]);
        Lines(text, "[[dictionary]]", [new("name", "topk", ""), new("layer", Layer.Name, ""), new("architecture", "topk", "as many latents active on every vector: nothing to tune"), .. Dictionary]);
        Lines(text, "[features]",
        [
            new("presets", Array.Empty<string>(), "no ways of drawing beside the paper's; leave it out for all"),
            new("pictures", 4, "units of each source that are drawn, those with the largest activity first"),
            new("side_by_side", 0, "units drawn by every preset"),
        ]);
        if (Proof is not null) Lines(text, "[proof]", Proof);
        return text.ToString();
    }

    private static void Lines(StringBuilder text, string? table, IReadOnlyList<NewLine> lines)
    {
        text.Append('\n');
        if (table is not null) text.Append(table).Append('\n');
        foreach (NewLine line in lines)
        {
            string value = line.Value is null ? $"# {line.Key} = …" : $"{line.Key} = {RecipeWriter.Literal(line.Value)}";
            text.Append(value.PadRight(line.Why.Length > 0 ? 28 : 0)).Append(line.Why.Length > 0 ? $" # {Clean(line.Why)}" : "").Append('\n');
        }
    }

    private static void Comment(StringBuilder text, string words) =>
        text.Append(CultureInfo.InvariantCulture, $"# {Clean(words)}\n");

    // Names from files stand in comments: none of their characters may end the line or be taken for something else.
    private static string Clean(string words) => string.Concat(words.Select(letter => char.IsControl(letter) ? ' ' : letter));
}

/// <summary>A line of a recipe.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; null: it could not be found out, and the line is a comment that asks for it.</param>
/// <param name="Why">Why it is this; empty where that is plain.</param>
internal sealed record NewLine(string Key, object? Value, string Why);
