namespace Fovea.Site.Pages;

/// <summary>Pages that stand together in the sidebar.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Sources">The Markdown files, from the checkout's root, in reading order.</param>
internal sealed record PageGroup(string Name, IReadOnlyList<string> Sources);
