using Tomlyn.Syntax;

namespace Fovea.Cli.Recipes;

/// <summary>A recipe as it was written, before it is known to fit the settings: tables, lists and values, each with its origin.</summary>
internal abstract class RecipeNode(Origin origin)
{
    /// <summary>Where it was said.</summary>
    public Origin Origin { get; } = origin;
}

/// <summary>A table: keys in the order written, each with the place of its key.</summary>
internal sealed class RecipeTable(Origin origin) : RecipeNode(origin)
{
    public Dictionary<string, (Origin KeyOrigin, RecipeNode Value)> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>An array, or an array of tables.</summary>
internal sealed class RecipeList(Origin origin, bool isTableArray = false) : RecipeNode(origin)
{
    public List<RecipeNode> Items { get; } = [];

    /// <summary>Written as <c>[[name]]</c>: further tables may be added.</summary>
    public bool IsTableArray { get; } = isTableArray;
}

/// <summary>One value of a recipe: a string, long, double, bool, or something no setting takes (a date).</summary>
internal sealed class RecipeValue(Origin origin, object value) : RecipeNode(origin)
{
    public object Value { get; } = value;
}

/// <summary>The text after <c>=</c> of an override; what it means depends on the setting's type, so it is read by the binder.</summary>
internal sealed class RecipeText(Origin origin, string text) : RecipeNode(origin)
{
    public string Text { get; } = text;

    /// <summary>The text as TOML, or null where it is none (a bare word).</summary>
    public ValueSyntax? Syntax { get; } = RecipeParser.TryParseValue(text);
}
