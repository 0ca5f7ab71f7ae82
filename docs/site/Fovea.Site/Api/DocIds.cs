using System.Reflection;

namespace Fovea.Site.Api;

/// <summary>
/// The names by which the compiler's documentation file knows types and members, such as <c>M:Fovea.Models.ImageModel.Open(System.String)</c>.
/// </summary>
internal static class DocIds
{
    /// <summary>The name of a type or member; of a member of a closed generic type, that of the open one.</summary>
    /// <param name="member">The type or member.</param>
    public static string Of(MemberInfo member)
    {
        member = Open(member);
        string owner = member is Type ? "" : Path(member.DeclaringType!) + "." + member.Name.Replace('.', '#').Replace('<', '{').Replace('>', '}');
        return member switch
        {
            Type type => "T:" + Path(type),
            FieldInfo => "F:" + owner,
            EventInfo => "E:" + owner,
            PropertyInfo property => "P:" + owner + Parameters(property.GetIndexParameters()),
            MethodInfo method => "M:" + owner + (method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "") + Parameters(method.GetParameters())
                + (method.Name is "op_Implicit" or "op_Explicit" ? "~" + Reference(method.ReturnType) : ""),
            ConstructorInfo constructor => "M:" + owner + Parameters(constructor.GetParameters()),
            _ => throw new ArgumentException($"{member} has no name in a documentation file.", nameof(member)),
        };
    }

    /// <summary>The member as it was declared.</summary>
    /// <param name="member">A member, perhaps of a closed generic type.</param>
    public static MemberInfo Open(MemberInfo member)
    {
        if (member is Type type) return type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        if (member.DeclaringType is not { IsConstructedGenericType: true } closed) return member;
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return closed.GetGenericTypeDefinition().GetMembers(All).First(one => one.MetadataToken == member.MetadataToken && one.MemberType == member.MemberType);
    }

    private static string Path(Type type)
    {
        Type open = (Type)Open(type);
        return open.IsNested ? Path(open.DeclaringType!) + "." + open.Name : open.Namespace is { } space ? space + "." + open.Name : open.Name;
    }

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : "(" + string.Join(",", parameters.Select(one => Reference(one.ParameterType))) + ")";

    private static string Reference(Type type)
    {
        if (type.IsByRef) return Reference(type.GetElementType()!) + "@";
        if (type.IsPointer) return Reference(type.GetElementType()!) + "*";
        if (type.IsArray)
        {
            int rank = type.GetArrayRank();
            return Reference(type.GetElementType()!) + (rank == 1 ? "[]" : $"[{string.Join(",", Enumerable.Repeat("0:", rank))}]");
        }
        if (type.IsGenericParameter) return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        return Closed(type, type.GetGenericArguments());
    }

    // Arguments stand behind the type that declares them: Outer{A}.Inner{B}.
    private static string Closed(Type type, Type[] arguments)
    {
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string before = type.IsNested ? Closed(type.DeclaringType!, arguments[..inherited]) + "." : type.Namespace is { } space ? space + "." : "";
        string name = type.Name.Split('`')[0];
        return before + name + (arguments.Length > inherited ? "{" + string.Join(",", arguments[inherited..].Select(Reference)) + "}" : "");
    }
}
