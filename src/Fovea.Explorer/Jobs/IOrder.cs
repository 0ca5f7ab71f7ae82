namespace Fovea.Explorer.Jobs;

/// <summary>Something that the command <c>fovea</c> does for a reader, in a process of its own.</summary>
internal interface IOrder
{
    /// <summary>Equal orders have equal names: asked for twice, they are done once.</summary>
    string Id { get; }

    /// <summary>The arguments of the command.</summary>
    /// <param name="run">The run folder.</param>
    IReadOnlyList<string> Arguments(string run);
}
