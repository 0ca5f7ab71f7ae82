namespace Fovea.Explorer.Guide;

/// <summary>All terms of the pages, and the one place where each is explained.</summary>
internal static partial class Glossary
{
    private static readonly Lazy<Dictionary<string, GlossaryTerm>> ByWord = new(() => All.SelectMany(term => term.Aliases.Prepend(term.Name).Select(word => (word, term)))
        .ToDictionary(pair => pair.word, pair => pair.term, StringComparer.OrdinalIgnoreCase));

    /// <summary>The term that some words name; null where they name none.</summary>
    /// <param name="words">As a page writes them, in any case.</param>
    public static GlossaryTerm? Find(string words) => ByWord.Value.GetValueOrDefault(words.Trim());
}
