namespace Fovea.Explorer.Components;

/// <summary>A link in the head of every page that the explorer serves.</summary>
/// <param name="Title">Its words.</param>
/// <param name="Address">Where it leads.</param>
public sealed record NavigationEntry(string Title, PageAddress Address);

/// <summary>A component that the explorer adds below the contents of pages of one kind.</summary>
/// <param name="Kind">Which pages.</param>
/// <param name="Component">
/// The component; it takes the cascading <see cref="PageContext"/> and no parameters.
/// </param>
public sealed record PagePanel(PageKind Kind, Type Component);

/// <summary>What a page can do when it is served, and cannot in a file.</summary>
public sealed record ServedPage
{
    private readonly Func<Type, object?> _services;

    /// <summary>A page of a server.</summary>
    /// <param name="services">Its services by kind; null where there is none such.</param>
    public ServedPage(Func<Type, object?> services) => _services = services;

    /// <summary>Whether nothing may be changed and no work started.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>The state of the page, as its address has it: empty, or with its question mark.</summary>
    public required string Query { get; init; }

    /// <summary>Links in the head.</summary>
    public required IReadOnlyList<NavigationEntry> Navigation { get; init; }

    /// <summary>Scripts of the assets.</summary>
    public required IReadOnlyList<string> Scripts { get; init; }

    /// <summary>Style sheets of the assets, after that of all pages.</summary>
    public required IReadOnlyList<string> Styles { get; init; }

    /// <summary>What is added to pages.</summary>
    public required IReadOnlyList<PagePanel> Panels { get; init; }

    /// <summary>A service of the explorer; null where it has none such.</summary>
    public T? Get<T>()
        where T : class => _services(typeof(T)) as T;
}
