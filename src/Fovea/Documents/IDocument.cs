namespace Fovea.Documents;

/// <summary>
/// A JSON document of a run folder, or a line of a JSON-lines file. What a stage writes, the report reads and Python parses is this one
/// type (docs/reference/run-folder.md names all of them). Members that a reader does not know are skipped; a member that a record requires
/// must be there, and a document of another schema number is refused.
/// </summary>
public interface IDocument
{
    /// <summary>The schema number that this program writes and reads; a change of meaning or a new required member raises it.</summary>
    static abstract int CurrentSchema { get; }

    /// <summary>The schema number of the document at hand, its first member.</summary>
    int Schema { get; }
}

/// <summary>A row of a table (Parquet) of a run folder. The table says the schema number of its rows in its metadata.</summary>
public interface ITableRow
{
    /// <summary>The schema number that this program writes and reads; a change of meaning or a new required column raises it.</summary>
    static abstract int CurrentSchema { get; }
}

/// <summary>A row of a table whose columns must fit each other for its readers to be safe.</summary>
public interface ICheckedRow
{
    /// <summary>What does not fit, as a clause; null where all is well.</summary>
    string? Inconsistency();
}

/// <summary>A document whose members must fit each other for its readers to be safe.</summary>
public interface ICheckedDocument : IDocument
{
    /// <summary>What does not fit, as a clause that names the member (<c>grid has 3 sides, not 2</c>); null where all is well.</summary>
    string? Inconsistency();
}
