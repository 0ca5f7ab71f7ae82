namespace Fovea.Explorer.Notes;

/// <summary>A note as a browser sends it.</summary>
internal sealed record NoteChange
{
    /// <summary>The revision that it was made from; 0: there was none.</summary>
    public int Revision { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public int? Rating { get; init; }

    public bool Hidden { get; init; }

    public string? Text { get; init; }

    public string? Author { get; init; }

    public string? Written { get; init; }

    public UnitNote Of(PageAddress unit) => new(unit.LayerName!, unit.Name!, unit.Number)
    {
        Revision = Revision,
        Name = Name,
        Tags = Tags,
        Rating = Rating,
        Hidden = Hidden,
        Text = Text,
        Author = Author,
        Written = Written,
    };
}

/// <summary>A note that was saved, or, where <paramref name="Error"/> says so, the newer one that stayed.</summary>
/// <param name="Note">The note that the run has now.</param>
/// <param name="Error">What is wrong; null: nothing.</param>
internal sealed record NoteAnswer(UnitNote Note, string? Error)
{
    public int Schema => 1;
}
