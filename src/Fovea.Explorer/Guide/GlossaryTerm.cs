namespace Fovea.Explorer.Guide;

/// <summary>A word that the pages use, explained.</summary>
/// <param name="Key">Its place in the glossary: lower-case letters and dashes.</param>
/// <param name="Name">The word as the glossary heads it.</param>
/// <param name="Meaning">Plain sentences.</param>
/// <param name="Source">The paper, equation or page of the reference that it is from; null where it is the field's common word.</param>
/// <param name="Aliases">Other words for it, as the pages write them.</param>
internal sealed record GlossaryTerm(string Key, string Name, string Meaning, string? Source, params string[] Aliases)
{
    /// <summary>The first sentence, for where there is little room.</summary>
    public string Short => Meaning.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? Meaning[..(end + 1)] : Meaning;
}
