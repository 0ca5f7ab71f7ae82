namespace Fovea.Documents;

/// <summary>Why a link is not followed.</summary>
public enum LinkFault
{
    /// <summary>There is nothing where it points.</summary>
    Missing,

    /// <summary>It points out of the tar it lies in.</summary>
    Outside,

    /// <summary>It points to a folder that it lies in, or to itself.</summary>
    Loop,
}

/// <summary>A link of a tree that is not followed.</summary>
/// <param name="Name">The link's name, with <c>/</c> between folders.</param>
/// <param name="Target">Where it points, as it is written in the link.</param>
/// <param name="Fault">Why it is not followed.</param>
public sealed record BrokenLink(string Name, string Target, LinkFault Fault)
{
    /// <summary>The reason in words.</summary>
    public string Why => Fault switch
    {
        LinkFault.Outside => "leads out of the tar",
        LinkFault.Loop => "leads to a folder that holds it",
        _ => "leads nowhere",
    };
}
