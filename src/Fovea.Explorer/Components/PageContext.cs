using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Components;

/// <summary>What every component of a page may ask for: the run, where the page is, and the links from there.</summary>
public sealed record PageContext(RunContents Run, PageAddress Address, Links Links);
